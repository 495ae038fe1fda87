package com.atoll.node.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A netlink request under construction: header, fixed part, attributes. */
public final class NetlinkMessage {
  /** Make what is missing. */
  public static final int CREATE = 0x400;

  /** Refuse what exists. */
  public static final int EXCLUSIVE = 0x200;

  /** Replace what exists. */
  public static final int REPLACE = 0x100;

  private static final int REQUEST_WITH_ACKNOWLEDGEMENT = 1 | 4;
  private static final int NESTED = 0x8000;
  private final ByteBuffer bytes =
      ByteBuffer.allocate(2048).order(ByteOrder.LITTLE_ENDIAN).position(16);

  /** Starts a request. */
  public NetlinkMessage(int type, int flags) {
    bytes.putShort(4, (short) type);
    bytes.putShort(6, (short) (flags | REQUEST_WITH_ACKNOWLEDGEMENT));
  }

  /** One byte of a fixed part. */
  public NetlinkMessage u8(int value) {
    bytes.put((byte) value);
    return this;
  }

  /** Two bytes of a fixed part. */
  public NetlinkMessage u16(int value) {
    bytes.putShort((short) value);
    return this;
  }

  /** Four bytes of a fixed part. */
  public NetlinkMessage u32(int value) {
    bytes.putInt(value);
    return this;
  }

  /** An attribute of raw bytes. */
  public NetlinkMessage attribute(int type, byte[] value) {
    bytes.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    return pad();
  }

  /** An attribute of text. */
  public NetlinkMessage attribute(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.US_ASCII);
    return attribute(type, Arrays.copyOf(text, text.length + 1));
  }

  /** An attribute of four bytes. */
  public NetlinkMessage attribute(int type, int value) {
    bytes.putShort((short) 8).putShort((short) type).putInt(value);
    return this;
  }

  /** An attribute that holds others. */
  public NetlinkMessage nested(int type, Runnable content) {
    return holding(type | NESTED, content);
  }

  /** An attribute that holds a fixed part and others. */
  public NetlinkMessage holding(int type, Runnable content) {
    int start = bytes.position();
    bytes.putShort((short) 0).putShort((short) type);
    content.run();
    bytes.putShort(start, (short) (bytes.position() - start));
    return pad();
  }

  private NetlinkMessage pad() {
    while (bytes.position() % 4 != 0) {
      bytes.put((byte) 0);
    }
    return this;
  }

  byte[] finish(int sequence) {
    bytes.putInt(0, bytes.position());
    bytes.putInt(8, sequence);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}
