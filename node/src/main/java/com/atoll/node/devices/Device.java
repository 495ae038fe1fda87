package com.atoll.node.devices;

/** A device of the host that a machine can have. */
public enum Device {
  /** What virtual machines run on. */
  KVM
}
