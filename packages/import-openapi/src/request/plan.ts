import type { ObjectShape, Shape } from '../schema/shape.js';
import type { Body } from './body.js';

/** One key of an input. */
export interface InputField {
  readonly key: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** Code after its schema. */
  readonly transform: string;
}

/** A key of an input that is a parameter. */
export interface ParameterField extends InputField {
  readonly place: 'path' | 'query' | 'header';
  /** Its name in the request. */
  readonly name: string;
  /** What writes it, null where its value is sent as it is. */
  readonly member: Member | null;
}

/** Writes a member of an object literal, given the code of a value. */
export type Member = (value: string) => string;

/** The place of a body in the input: its fields beside the parameters, or the whole under one key. */
export type BodyField =
  | {
      readonly kind: 'fields';
      readonly body: Body;
      readonly object: ObjectShape;
      /** What writes those fields of a form that are not sent as they are. */
      readonly members: ReadonlyMap<string, Member>;
    }
  | { readonly kind: 'whole'; readonly body: Body; readonly field: InputField };

/** What an endpoint takes, and the place of each part in the request. */
export interface RequestPlan {
  readonly method: string;
  /** The path, with keys of the input in braces. */
  readonly template: string;
  readonly parameters: readonly ParameterField[];
  readonly body: BodyField | null;
  /** The input is a FormData, because it has files. */
  readonly isForm: boolean;
}
