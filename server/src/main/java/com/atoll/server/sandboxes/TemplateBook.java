package com.atoll.server.sandboxes;

import com.atoll.model.OrganizationId;
import com.atoll.model.Shape;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What sandboxes must know of templates. */
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
  String slug(String templateId);

  /** Refuses what came out of {@link #resolve} and is unknown to the node too. */
  void requireKnown(String templateId);

  /** What the node calls the image that sandboxes of a template start from now. */
  String onNode(String templateId);

  /** The port that a template declares; null when it declares none or is not known yet. */
  @Nullable Integer previewPort(String templateId);

  /** How the app of a template runs; one without a start when it has none or is not known. */
  TemplateApp app(String templateId);

  /** What sandboxes of a template have that are asked for without a size; null for the usual. */
  @Nullable Shape shape(String templateId);

  /** Whether a claim of this template is likely to succeed at once. */
  boolean isBuilt(String templateId);

  /** Waits until the node says something new of templates, at most so long. */
  void awaitNews(Duration atMost);
}
