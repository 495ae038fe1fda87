package com.atoll.node.devices;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A device of the host that a machine can have.
 *
 * @param name {@code KVM}, or that of a graphics processor in the Container Device Interface:
 *     {@code nvidia.com/gpu=0}
 */
public record Device(@JsonValue String name) {
  /** What virtual machines run on. */
  public static final Device KVM = new Device("KVM");

  /** Of a name in a record. */
  @JsonCreator
  public Device {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a device without a name");
    }
  }

  /** Whether a specification of the machine says what it is. */
  public boolean described() {
    return !equals(KVM);
  }
}
