package com.atoll.node.linux;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The library of nft, which frees what it works with. */
class NftablesTest {
  @Test
  void nothingReachesItOnceItIsClosed() throws IOException {
    Nftables nftables = new Nftables();
    assertNotNull(nftables.run("list tables"));
    nftables.close();
    nftables.close();
    assertThrows(IOException.class, () -> nftables.run("list tables"));
  }
}
