package com.atoll.server.sandboxes;

import com.atoll.model.OrganizationId;
import com.atoll.model.Shape;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What sandboxes must know of templates. Whoever asks for one by its id says which organization
 * asks: a sandbox may name the template of another one, as those of imported snapshots do, and
 * learns nothing of it.
 */
public interface TemplateBook {
  /**
   * The id of the template that an organization means by an id, slug or alias; an error when it
   * sees none or when none is built of it. What is unknown here may be known to the node.
   */
  String resolve(OrganizationId org, String reference);

  /**
   * The same for a question: nothing is refused, and what is not built is found too; empty where
   * there is none.
   */
  Optional<String> find(OrganizationId org, String reference);

  /** What its owner calls a template; its id where that is all that is known. */
  String slug(OrganizationId org, String templateId);

  /** Refuses what came out of {@link #resolve} and is unknown to the node too. */
  void requireKnown(String templateId);

  /**
   * Keeps a template of the organization there until the end of the transaction, which stores a
   * sandbox of it; an error when it is deleted.
   */
  void hold(Tx tx, String templateId);

  /** What the node calls the image that sandboxes of a template start from now. */
  String onNode(OrganizationId org, String templateId);

  /** The port that a template declares; null when it declares none or is not known yet. */
  @Nullable Integer previewPort(OrganizationId org, String templateId);

  /**
   * How the app of a template runs, also of one that is deleted while something stands on it; one
   * without a start when it has none or is not known.
   *
   * @param buildId the build that the image comes from; null for the current one
   */
  TemplateApp app(OrganizationId org, String templateId, @Nullable String buildId);

  /** What sandboxes of a template have that are asked for without a size; null for the usual. */
  @Nullable Shape shape(OrganizationId org, String templateId);

  /** Whether a claim of this template is likely to succeed at once. */
  boolean isBuilt(OrganizationId org, String templateId);

  /** Waits until the node says something new of templates, at most so long. */
  void awaitNews(Duration atMost);
}
