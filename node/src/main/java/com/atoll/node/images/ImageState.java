package com.atoll.node.images;

/**
 * How far a template is.
 *
 * @param templateId its id
 * @param status where it stands
 * @param reason why it failed, how far its build is, or ""
 * @param digest of its content, or "" until that is known
 * @param sizeBytes of the image, 0 until active
 * @param previewPort the port of a preview that names none
 * @param onDemand whether it is built when it is first asked for, and kept warm while it is used
 */
public record ImageState(
    String templateId,
    Status status,
    String reason,
    String digest,
    long sizeBytes,
    int previewPort,
    boolean onDemand) {
  /** The life of an image. */
  public enum Status {
    /** Built when somebody asks for it. */
    UNBUILT,
    /** Being built, or waiting for its turn. */
    BUILDING,
    /** Ready. */
    ACTIVE,
    /** Not built, for {@link #reason()}; tried again after a while. */
    FAILED
  }

  ImageState with(Status next, String why) {
    return new ImageState(templateId, next, why, digest, sizeBytes, previewPort, onDemand);
  }
}
