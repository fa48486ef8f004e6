/** Media types whose content the engine parses as JSON, and those that may stand for one. */
const JSON_TYPE = /^(application\/([\w.-]+\+)?json\b|\*\/\*|application\/\*)/i;

/** Returns whether content of a media type is JSON. */
export const isJson = (media: string) => JSON_TYPE.test(media.trim());
