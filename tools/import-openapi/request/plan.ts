import type { ObjectShape, Shape } from '../schema/shape';
import type { Body } from './body';

/** One key of an input. */
export interface InputField {
  readonly key: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** Code behind its schema. */
  readonly transform: string;
}

/** A key of an input that is a parameter. */
export interface ParameterField extends InputField {
  readonly place: 'path' | 'query' | 'header';
  /** Its name in the request. */
  readonly name: string;
  readonly member: Member | null;
}

/** Writes a member of an object literal, given the code of a value. */
export type Member = (value: string) => string;

/** Where a body is in the input: its fields beside the parameters, or all of it under one key. */
export type BodyField =
  | {
      readonly kind: 'fields';
      readonly body: Body;
      readonly object: ObjectShape;
      /** The fields of a form that are not written as they are. */
      readonly members: ReadonlyMap<string, Member>;
    }
  | { readonly kind: 'whole'; readonly body: Body; readonly field: InputField };

/** What an endpoint takes, and where each part of it goes. */
export interface RequestPlan {
  readonly method: string;
  /** Path with keys of the input in braces. */
  readonly template: string;
  readonly parameters: readonly ParameterField[];
  readonly body: BodyField | null;
  /** The input is a FormData: it has files. */
  readonly isForm: boolean;
}
