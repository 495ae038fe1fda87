package com.atoll.node.guest;

/** A small file as a whole. */
// Bytes are handed on, never compared.
@SuppressWarnings("ArrayRecordComponent")
public record FileContent(FileInfo info, byte[] bytes) {}
