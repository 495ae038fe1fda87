package com.atoll.server.toolservers;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a tool server is reached, with its secrets opened.
 *
 * @param url of a remote one
 * @param command of a program
 * @param headersTemplate headers whose values may name secrets as <code>{{NAME}}</code>
 * @param auth type none, bearer or basic, and the name of its secret
 * @param secretHeaders headers by the names of the secrets that are their values
 * @param secretEnv variables by the names of the secrets that are their values
 */
record Spec(
    Transport transport,
    @Nullable String url,
    @Nullable String command,
    List<String> args,
    Map<String, String> headersTemplate,
    Map<String, Object> auth,
    Map<String, String> secrets,
    Map<String, String> secretHeaders,
    Map<String, String> secretEnv) {}
