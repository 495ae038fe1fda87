package com.atoll.node.guest;

import java.util.List;

/**
 * All that a search found.
 *
 * @param cut whether there may be more
 */
public record SearchResult(List<SearchMatch> matches, boolean cut) {}
