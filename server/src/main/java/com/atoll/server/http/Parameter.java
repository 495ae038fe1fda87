package com.atoll.server.http;

/**
 * A query parameter of an operation.
 *
 * @param name as it travels
 * @param type {@code string}, {@code integer} or {@code boolean}
 * @param doc what it means
 */
public record Parameter(String name, String type, String doc) {}
