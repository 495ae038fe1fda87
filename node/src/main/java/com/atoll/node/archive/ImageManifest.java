package com.atoll.node.archive;

import com.atoll.node.images.BuiltImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an archived image is: written last, sealed as its data are.
 *
 * @param version of this form: 1
 * @param digest of the image on the node that it comes from
 * @param built its record there; null for a packed file
 * @param salt of the data, hexadecimal; "" when it has none, as one that adds no files
 * @param objectBytes size of the data
 */
record ImageManifest(
    int version, String digest, @Nullable BuiltImage built, String salt, long objectBytes) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PURPOSE = "image manifest";
  private static final int LONGEST = 1 << 20;

  /** That of an archived image; nothing when it has none. */
  static Optional<ImageManifest> read(ArchiveStore store, ArchiveRef of, String digest)
      throws IOException {
    Optional<InputStream> found = store.open(of.manifest());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream object = found.get();
        SealedInput input = new SealedInput(object, of.key(), PURPOSE)) {
      ImageManifest manifest = JSON.readValue(input.readNBytes(LONGEST), ImageManifest.class);
      if (input.read() >= 0 || manifest.version() != 1 || !manifest.digest().equals(digest)) {
        throw new DamagedArchiveException("the manifest of an image is that of something else");
      }
      return Optional.of(manifest);
    } catch (JacksonException e) {
      throw new DamagedArchiveException("the manifest of an image is none");
    }
  }

  /** Puts it where it belongs. */
  void write(ArchiveStore store, ArchiveRef of) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SealedOutput sealed = new SealedOutput(bytes, StreamKey.fresh(of.key(), PURPOSE));
    sealed.write(JSON.writeValueAsBytes(this));
    sealed.finish();
    try (ArchiveStore.Upload upload = store.create(of.manifest())) {
      bytes.writeTo(upload.output());
      upload.commit();
    }
  }

  /** Whether its data are there, all of them. */
  boolean holdsData(ArchiveStore store, ArchiveRef of) throws IOException {
    return salt.isEmpty() || store.size(of.data()).orElse(-1) == objectBytes;
  }
}
