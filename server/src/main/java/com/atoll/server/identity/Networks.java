package com.atoll.server.identity;

import com.atoll.model.AtollException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Networks that a key is used from: addresses, or addresses with a prefix length. */
public final class Networks {
  private static final Pattern FORM = Pattern.compile("[0-9a-fA-F.:]{2,45}(/[0-9]{1,3})?");

  private final List<Network> networks;

  private record Network(List<Byte> address, int bits) {
    boolean contains(Network other) {
      byte[] begin = new byte[other.address.size()];
      for (int i = 0; i < begin.length; i++) {
        begin[i] = other.address.get(i);
      }
      return bits <= other.bits && contains(begin);
    }

    boolean contains(byte[] other) {
      if (other.length != address.size()) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((address.get(bit / 8) & mask) != (other[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private Networks(List<Network> networks) {
    this.networks = networks;
  }

  /** The networks that are written so; anything else is a field error of {@code allowed_ips}. */
  public static Networks of(List<String> written) {
    List<Network> networks = new ArrayList<>();
    for (String text : written) {
      if (!FORM.matcher(text).matches()) {
        throw invalid();
      }
      String[] parts = text.split("/", 2);
      byte[] address = address(parts[0]);
      int most = address.length * 8;
      int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
      if (bits > most) {
        throw invalid();
      }
      List<Byte> bytes = new ArrayList<>();
      for (byte b : address) {
        bytes.add(b);
      }
      networks.add(new Network(bytes, bits));
    }
    return new Networks(networks);
  }

  /** Those of a key as its row has them; null for every network. */
  public static @Nullable Networks stored(String @Nullable [] written) {
    return written == null || written.length == 0 ? null : of(List.of(written));
  }

  /** Whether an address, as the edge wrote it, lies in one of them. */
  public boolean contain(@Nullable String address) {
    if (address == null || !FORM.matcher(address).matches() || address.contains("/")) {
      return false;
    }
    byte[] bytes = address(address);
    return networks.stream().anyMatch(network -> network.contains(bytes));
  }

  /** Whether everything in the others lies in one of these. */
  public boolean contain(Networks others) {
    return others.networks.stream()
        .allMatch(other -> networks.stream().anyMatch(one -> one.contains(other)));
  }

  private static byte[] address(String text) {
    try {
      // The form lets through literals only, so no name is ever looked up.
      if (!text.contains(":") && !text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
        throw invalid();
      }
      return InetAddress.getByName(text).getAddress();
    } catch (UnknownHostException e) {
      throw invalid();
    }
  }

  private static AtollException invalid() {
    return AtollException.invalid("allowed_ips", "must hold addresses or networks like 10.0.0.0/8");
  }
}
