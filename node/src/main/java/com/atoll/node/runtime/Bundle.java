package com.atoll.node.runtime;

import com.atoll.node.images.Image;
import com.atoll.node.network.Slot;
import com.atoll.node.trees.Tree;
import com.atoll.node.workloads.Shape;

/**
 * What a machine is made of.
 *
 * @param machine its id
 * @param tree its files
 * @param image what lies below them
 * @param slot its network and user ids
 * @param shape its limits
 * @param hostname its name inside
 */
public record Bundle(
    String machine, Tree tree, Image image, Slot slot, Shape shape, String hostname) {}
