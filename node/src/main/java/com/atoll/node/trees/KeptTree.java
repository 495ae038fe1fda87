package com.atoll.node.trees;

/**
 * A tree as it was when a backup kept it.
 *
 * @param id of the tree
 * @param uuid of its subvolume, 32 hexadecimal digits
 * @param origin uuid of the one that it is a copy of; zeros for none
 * @param frozen whether nobody may write to it
 * @param limitBytes what it may write itself; 0 for no limit
 */
public record KeptTree(String id, String uuid, String origin, boolean frozen, long limitBytes) {}
