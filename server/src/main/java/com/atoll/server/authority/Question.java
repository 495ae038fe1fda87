package com.atoll.server.authority;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked before an action is done.
 *
 * @param request the hash over the whole request
 * @param params the hash over its parameters alone
 * @param surface where it comes from: {@code api}, {@code mcp}, …
 * @param workspace the workspace that it is about
 * @param words what a person needs in order to judge it
 */
record Question(
    String request,
    String params,
    String surface,
    @Nullable String workspace,
    Map<String, ?> words) {}
