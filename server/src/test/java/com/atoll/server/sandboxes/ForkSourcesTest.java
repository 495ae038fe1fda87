package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is done with a snapshot whose files leave its machine at that moment. */
final class ForkSourcesTest {
  private static final OrganizationId ORG = OrganizationId.next();

  private final AtomicInteger returns = new AtomicInteger();
  private boolean elsewhere = true;
  private final Forks.Sources sources =
      new Forks.Sources() {
        @Override
        public Sandbox of(Principal principal, String snapshotId) {
          throw new UnsupportedOperationException();
        }

        @Override
        public boolean broughtBack(OrganizationId org, String snapshotId) {
          returns.incrementAndGet();
          return elsewhere;
        }
      };

  private String use(ErrorCode refusal, int times) {
    AtomicInteger calls = new AtomicInteger();
    Supplier<String> work =
        () -> {
          if (calls.incrementAndGet() <= times) {
            throw AtollException.of(refusal, "snapshot s");
          }
          return "done";
        };
    return sources.here(ORG, "s", work);
  }

  private void refused(ErrorCode code, int times) {
    assertEquals(code, assertThrows(AtollException.class, () -> use(code, times)).code());
  }

  @Test
  void oneThatHadJustLeftComesBackAndIsUsed() {
    assertEquals("done", use(ErrorCode.NOT_FOUND, 1));
    assertEquals(1, returns.get());
  }

  @Test
  void oneThatIsNowhereIsNotFound() {
    elsewhere = false;
    refused(ErrorCode.NOT_FOUND, 1);
  }

  @Test
  void itIsTriedOnceMoreAndNoOftener() {
    refused(ErrorCode.NOT_FOUND, 2);
    assertEquals(1, returns.get());
  }

  @Test
  void whatElseIsRefusedStaysSo() {
    refused(ErrorCode.FILE_NOT_FOUND, 1);
    assertEquals(0, returns.get());
  }
}
