package com.atoll.node.guest;

/**
 * What a search found.
 *
 * @param line from 1; 0 where no text was asked for
 * @param text of that line, cut
 */
public record SearchMatch(FileInfo info, long line, String text) {}
