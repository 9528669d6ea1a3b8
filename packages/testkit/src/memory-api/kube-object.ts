/** What every object of the API has: who it is, and what its metadata may say. */

import type { JsonObject } from './json-value.ts';

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown;
}

/** An object as it is stored. Never changed in place: a write stores another one. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** The time as metadata has it: whole seconds, RFC 3339, UTC. */
export function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}

/** The letters of k8s.io/apimachinery/pkg/util/rand: no vowels, so that no words appear. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters to make a generated name unique, as the API server adds them to `generateName`. */
export function randomSuffix(length = 5): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += NAME_LETTERS[Math.floor(Math.random() * NAME_LETTERS.length)];
  return suffix;
}
