package com.atoll.node.guest;

import java.util.List;

/**
 * Whom the SSH server of a sandbox lets in, and how it proves who it is.
 *
 * @param hostKey seed of its Ed25519 key, in base64
 * @param hostCertificate certificate of that key, one line; empty when there is none
 * @param authority key that signs certificates of users, one line
 * @param principal the one principal that they may be for
 * @param keys keys that need no certificate, one line each
 */
public record SshSettings(
    String hostKey,
    String hostCertificate,
    String authority,
    String principal,
    List<String> keys) {}
