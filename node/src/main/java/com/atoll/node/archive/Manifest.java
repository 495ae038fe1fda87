package com.atoll.node.archive;

import com.atoll.node.snapshots.SnapshotRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an archived snapshot is: written last, sealed as its data are. Without one there is no
 * archived snapshot, whatever else lies there.
 *
 * @param version of this form: 1
 * @param snapshot the record that it had on its node: template, image and tree
 * @param salt of the data, hexadecimal: the manifest belongs to these data and no other
 * @param objectBytes size of the data
 * @param parent the archived snapshot that the data are a change of; null for none
 * @param parentSalt the salt that the parent's data had then, for installations that ask for it;
 *     null without a parent
 * @param images digests of the images that it stands on and that lie beside it, the topmost first;
 *     null when they do not
 * @param about what whoever archived it wanted to find beside it; null for nothing
 */
@SuppressWarnings("ArrayRecordComponent")
record Manifest(
    int version,
    SnapshotRecord snapshot,
    String salt,
    long objectBytes,
    @Nullable String parent,
    @Nullable String parentSalt,
    @Nullable List<String> images,
    byte @Nullable [] about) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PURPOSE = "manifest";
  private static final int LONGEST = 4 << 20;

  /** That of an archived snapshot; nothing when it has none. */
  static Optional<Manifest> read(ArchiveStore store, ArchiveRef of) throws IOException {
    Optional<InputStream> found = store.open(of.manifest());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream object = found.get();
        SealedInput input = new SealedInput(object, of.key(), PURPOSE)) {
      Manifest manifest = JSON.readValue(input.readNBytes(LONGEST), Manifest.class);
      // The end of the stream is what proves that it is whole.
      if (input.read() >= 0
          || manifest.version() != 1
          || !manifest.snapshot().id().equals(of.id())) {
        throw new DamagedArchiveException("its manifest is that of something else");
      }
      return Optional.of(manifest);
    } catch (JacksonException e) {
      throw new DamagedArchiveException("its manifest is none");
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
}
