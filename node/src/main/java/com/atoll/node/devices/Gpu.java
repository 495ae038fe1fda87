package com.atoll.node.devices;

/**
 * A graphics processor that a specification of the Container Device Interface names.
 *
 * @param name as CDI names it: {@code nvidia.com/gpu=0}
 * @param model what its driver calls it; empty when it does not say
 */
public record Gpu(String name, String model) {}
