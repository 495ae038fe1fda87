package com.atoll.node.network;

import com.atoll.platform.Installation;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What follows from a slot's number: interface, address, user ids. */
final class AddressPlan {
  private static final int MOST_SLOTS = 16_384;
  private static final long HIGHEST_UID = 0xffff_fffeL;
  private static final Pattern CIDR = Pattern.compile("([0-9.]{7,15})/([0-9]{1,2})");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");

  private final String prefix;
  private final int bits;
  private final int network;
  private final int slots;
  private final long uidBase;
  private final Inet4Address gateway;

  AddressPlan(Installation installation) {
    prefix = installation.id() + "h";
    uidBase = installation.uidBase();
    gateway = parse(installation.gatewayAddress());
    Matcher pool = CIDR.matcher(installation.addressPool());
    if (!pool.matches()) {
      throw new NetworkException("address_pool is no IPv4 network");
    }
    bits = Integer.parseInt(pool.group(2));
    if (bits < 8 || bits > 30) {
      throw new NetworkException("address_pool must be between /8 and /30");
    }
    network = toInt(parse(pool.group(1))) & (-1 << (32 - bits));
    // Beyond its own ids are those of another installation, or of the host's users.
    long byUid = Math.min(installation.uidCount(), HIGHEST_UID - uidBase) / Slot.UIDS;
    slots = (int) Math.min(Math.min(MOST_SLOTS, byUid), (1L << (32 - bits)) - 2);
  }

  /** How many slots there can be. */
  int slots() {
    return slots;
  }

  /** How the host end of every slot's interface begins. */
  String prefix() {
    return prefix;
  }

  /** The network that all slots are in. */
  Inet4Address network() {
    return toAddress(network);
  }

  /** How many bits of an address say that it is in that network. */
  int bits() {
    return bits;
  }

  Inet4Address gateway() {
    return gateway;
  }

  Slot slot(int index, String netns) {
    if (index < 0 || index >= slots) {
      throw new NetworkException("there is no slot " + index);
    }
    return new Slot(
        index,
        netns,
        prefix + index,
        toAddress(network + 1 + index),
        gateway,
        uidBase + (long) Slot.UIDS * index);
  }

  /** The slot whose host interface has this name. */
  OptionalInt indexOf(String hostInterface) {
    if (hostInterface.startsWith(prefix)) {
      String rest = hostInterface.substring(prefix.length());
      if (NUMBER.matcher(rest).matches()) {
        return OptionalInt.of(Integer.parseInt(rest));
      }
    }
    return OptionalInt.empty();
  }

  private static int toInt(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  private static Inet4Address toAddress(int bits) {
    try {
      return (Inet4Address) InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(bits).array());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Inet4Address parse(String text) {
    try {
      return Inet4Address.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new NetworkException(text + " is no IPv4 address", e);
    }
  }
}
