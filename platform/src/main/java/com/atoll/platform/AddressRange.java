package com.atoll.platform;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** A range of addresses, {@code address/bits}. */
record AddressRange(int length, BigInteger first, int bits) {

  /** Reads a range; its address must be a literal. */
  static AddressRange of(String text) {
    int slash = text.indexOf('/');
    byte[] address = literal(text.substring(0, slash)).getAddress();
    return new AddressRange(
        address.length, new BigInteger(1, address), Integer.parseInt(text.substring(slash + 1)));
  }

  boolean contains(byte[] address) {
    int shift = length * 8 - bits;
    return address.length == length
        && new BigInteger(1, address).shiftRight(shift).equals(first.shiftRight(shift));
  }

  private static InetAddress literal(String address) {
    try {
      return InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("not a range: " + address, e);
    }
  }

  /** The IPv4 address that the last four bytes spell. */
  static InetAddress lastFour(byte[] address, int from) {
    try {
      return InetAddress.getByAddress(
          new byte[] {address[from], address[from + 1], address[from + 2], address[from + 3]});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
