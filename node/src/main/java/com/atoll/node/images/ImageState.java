package com.atoll.node.images;

/**
 * How far a template is.
 *
 * @param templateId its id
 * @param status building, active or failed
 * @param reason why it failed, or ""
 * @param digest of its content, or "" until that is known
 * @param sizeBytes of the packed file, 0 until active
 * @param previewPort the port of a preview that names none
 */
public record ImageState(
    String templateId,
    Status status,
    String reason,
    String digest,
    long sizeBytes,
    int previewPort) {
  /** The life of an image. */
  public enum Status {
    /** Being built, or waiting for its turn. */
    BUILDING,
    /** Ready. */
    ACTIVE,
    /** Not built, for {@link #reason()}; tried again at the next start. */
    FAILED
  }
}
