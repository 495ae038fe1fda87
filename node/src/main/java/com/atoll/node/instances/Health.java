package com.atoll.node.instances;

/** How an instance is. */
public enum Health {
  /** Its command has not answered yet. */
  STARTING,
  /** It answers. */
  HEALTHY,
  /** It ended, or does not answer (any more). */
  UNHEALTHY,
  /** It was stopped. */
  STOPPED
}
