package com.atoll.node.guest;

/**
 * What is searched for below a directory.
 *
 * @param name a pattern of file names; empty for any
 * @param text what a line holds; empty where names alone are looked at
 * @param limit matches, 1 to 1,000
 */
public record SearchWish(String path, String name, String text, boolean ignoreCase, int limit) {}
