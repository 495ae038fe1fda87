package com.atoll.server.secrets;

import com.atoll.platform.Installation;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Keys of the installation that need not be stored: each follows from the master key. */
public final class Derived {
  private Derived() {}

  /** The key for one purpose. The master key is read when it is first needed. */
  public static Supplier<byte[]> key(Installation installation, String purpose) {
    return new Supplier<>() {
      private byte @Nullable [] known;

      @Override
      public synchronized byte[] get() {
        byte[] key = known;
        if (key == null) {
          key = derive(MasterKey.of(installation.home().resolve("secrets/master.key")), purpose);
          known = key;
        }
        return key;
      }
    };
  }

  private static byte[] derive(byte[] master, String purpose) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(master, "HmacSHA256"));
      return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
