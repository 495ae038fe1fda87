package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Gpu;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DevicesTest {
  private static final List<Gpu> TWO =
      List.of(gpu("nvidia.com/gpu=0", "NVIDIA H100"), gpu("nvidia.com/gpu=1", "NVIDIA L4"));

  @Test
  void aWishBeyondTheMachineSaysWhatItHas() {
    assertEquals(ErrorCode.VALIDATION_FAILED, refusal(1, null, List.of()).code());
    assertSays("no GPU", refusal(1, null, List.of()));
    assertSays("NVIDIA H100, NVIDIA L4", refusal(3, null, TWO));
    assertSays("at most 1", refusal(2, "h100", TWO));
    assertSays("NVIDIA L4", refusal(1, "A100", TWO));
  }

  @Test
  void aModelAloneIsAWishForOne() {
    assertSays("gpu_model", refusal(null, "h100", List.of()));
    assertSays("no GPU", refusal(null, "h100", List.of()));
    assertSays("NVIDIA L4", refusal(null, "A100", TWO));
    assertEquals(ErrorCode.VALIDATION_FAILED, refusal(null, "A100", TWO).code());
    assertEquals(1, Devices.gpus(null, " h100", TWO));
  }

  @Test
  void aWishThatFitsIsGranted() {
    assertEquals(2, Devices.gpus(2, null, TWO));
    assertEquals(1, Devices.gpus(1, "l4", TWO));
  }

  private static AtollException refusal(
      @Nullable Integer count, @Nullable String model, List<Gpu> has) {
    return assertThrows(AtollException.class, () -> Devices.gpus(count, model, has));
  }

  private static void assertSays(String words, AtollException refusal) {
    String said = refusal.getMessage() + refusal.errors();
    assertTrue(said.contains(words), said);
  }

  private static Gpu gpu(String name, String model) {
    return Gpu.newBuilder().setName(name).setModel(model).build();
  }
}
