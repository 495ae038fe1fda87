package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Cells of the template that has IPython and matplotlib. */
@Tag("all")
final class FiguresScenarioTest {
  private static final int BUILD_SECONDS = 1_200;

  private final Given given = new Given();

  @Test
  void aFigureIsShownAndTheContextGoesOn() {
    Reply[] made = new Reply[1];
    Given.eventually(
        BUILD_SECONDS,
        "jupyter is built",
        () -> {
          made[0] = given.api.post("/sandboxes", Map.of("template_id", "jupyter", "size", "small"));
          return made[0].status() != 503;
        },
        () -> String.valueOf(made[0]));
    made[0].expect(201);
    try (Sandbox sandbox = new Sandbox(given.api, made[0].string("id"), made[0].string("slug"))) {
      Reply figure = run(sandbox, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()");
      assertTrue(figure.json().path("ok").asBoolean(), figure::toString);
      byte[] png = Base64.getMimeDecoder().decode(png(figure));
      assertEquals("PNG", new String(png, 1, 3, StandardCharsets.US_ASCII));
      Reply failed = run(sandbox, "1 / 0");
      assertEquals("ZeroDivisionError", failed.json().path("error").path("name").asString());
      Reply again = run(sandbox, "plt.plot([3, 1]);");
      assertTrue(!png(again).isEmpty(), again::toString);
      Reply value = run(sandbox, "40 + 2");
      assertEquals(42, value.json().path("result").asInt(), value::toString);
    }
  }

  private Reply run(Sandbox sandbox, String code) {
    // The first figure of a sandbox waits until matplotlib knows its fonts.
    return given
        .api
        .post(sandbox.at("/code/run"), Map.of("code", code, "timeout", 120))
        .expect(200);
  }

  private static String png(Reply cell) {
    for (JsonNode shown : cell.json().path("displays")) {
      JsonNode png = shown.path("data").path("image/png");
      if (png.isString()) {
        return png.asString();
      }
    }
    throw new AssertionError("no figure: " + cell);
  }
}
