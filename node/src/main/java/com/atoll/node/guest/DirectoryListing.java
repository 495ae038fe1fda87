package com.atoll.node.guest;

import java.util.List;

/**
 * The entries below a directory, each directory before its own, by name.
 *
 * @param cut whether there are more
 * @param next where they begin, for the guest alone to read; empty when it does not say
 */
public record DirectoryListing(List<FileInfo> entries, boolean cut, String next) {}
