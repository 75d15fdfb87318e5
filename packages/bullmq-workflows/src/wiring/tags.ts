/**
 * The hash tags that all keys begin with. One of a workflow's own, so that its scripts and queue stay in
 * one slot of a Cluster and workflows spread over all; one of a namespace; one of the prefix.
 */

/** The namespace that is meant when none is named. Its keys have no name of it in them. */
export const DEFAULT_NAMESPACE = "default";

/** The store and the queue are split into this many parts by instance id. One, for now. */
const PARTITION = 0;

export function workflowTag(prefix: string, namespace: string, workflow: string): string {
  return `{${scopeOf(prefix, namespace)}:${workflow}:${PARTITION}}`;
}

export function namespaceTag(prefix: string, namespace: string): string {
  return `{${scopeOf(prefix, namespace)}}`;
}

export function prefixTag(prefix: string): string {
  return `{${prefix}}`;
}

/** No part of a tag has a colon in it, so their number tells what kind it is. */
function scopeOf(prefix: string, namespace: string): string {
  return namespace === DEFAULT_NAMESPACE ? prefix : `${prefix}:${namespace}`;
}
