package com.atoll.node.devices;

/**
 * A character device that a machine sees.
 *
 * @param path absolute path inside
 * @param major the kernel's number of its driver
 * @param minor which of the driver's devices
 * @param access what is allowed: letters of {@code rwm}
 */
public record DeviceNode(String path, int major, int minor, String access) {}
