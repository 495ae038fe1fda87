package com.atoll.node.trees;

/**
 * A tree as it was when a backup kept it.
 *
 * @param id of the tree
 * @param number of its subvolume; older ones have smaller ones
 * @param uuid of its subvolume, 32 hexadecimal digits
 * @param origin uuid of the one that it is a copy of; zeros for none
 * @param frozen whether nobody may write to it
 * @param limitBytes what it may write itself; 0 for no limit
 * @param chargedBytes what it has written itself and holds; 0 where nothing is counted
 */
public record KeptTree(
    String id,
    long number,
    String uuid,
    String origin,
    boolean frozen,
    long limitBytes,
    long chargedBytes) {}
