// Loaded with --import before everything else: in this process SQLite says that it is SQLITE_VERSION.
const version = process.env['SQLITE_VERSION'] ?? '';
const dlopen = process.dlopen.bind(process);

process.dlopen = (/** @type {NodeJS.Module} */ addon, filename, flags = 1) => {
  dlopen(addon, filename, flags);
  const { DatabaseSync } = addon.exports;
  if (!DatabaseSync) return;
  class OldDatabase extends DatabaseSync {
    prepare(/** @type {string} */ sql) {
      this['function']('sqlite_version', () => version);
      return super.prepare(sql);
    }
  }
  addon.exports = { ...addon.exports, DatabaseSync: OldDatabase };
};
