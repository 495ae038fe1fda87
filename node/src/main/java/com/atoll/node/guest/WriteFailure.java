package com.atoll.node.guest;

/**
 * Why one of several files was not written.
 *
 * @param at which one, counted from 0
 */
public record WriteFailure(int at, String code, String message) {}
