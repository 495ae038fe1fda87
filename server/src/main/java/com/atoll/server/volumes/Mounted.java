package com.atoll.server.volumes;

/** A volume that a sandbox has, as its users know it: by name, and by where it lies inside. */
public record Mounted(String sandboxId, String name, String path) {}
