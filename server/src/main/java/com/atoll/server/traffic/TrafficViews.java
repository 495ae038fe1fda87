package com.atoll.server.traffic;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is answered about the traffic of deployments. */
final class TrafficViews {
  private TrafficViews() {}

  /** A request that was served. */
  record RequestLogView(
      @Doc("Id of the record.") String id,
      @Doc("Deployment.") String deploymentId,
      @Doc("Version that was asked.") String versionId,
      @Doc("When the request began.") Instant timestamp,
      @Doc("HTTP method.") String method,
      @Doc("Host that was asked.") String host,
      @Doc("Path and query; of at most 512 characters.") String path,
      @Doc("HTTP status; 499 when the client left before the answer.") int status,
      @Doc("How long it took, in milliseconds.") double durationMs,
      @Doc("Bytes of the request's body.") long bytesReceived,
      @Doc("Bytes of the answer's body.") long bytesSent,
      @Doc("Address of the client.") String clientIp,
      @Doc("The x-request-id of the answer.") String requestId) {}

  /** Requests of some time. */
  record TrafficBucket(
      @Doc("When it begins.") Instant start,
      @Doc("Requests.") long requests,
      @Doc("Answers with a status of 400 to 499.") long clientErrors,
      @Doc("Answers with a status of 500 and above.") long serverErrors,
      @Doc("Share of server errors, 0 to 1.") double errorRate,
      @Doc("Half of all answers took no longer, in milliseconds.") double p50Ms,
      @Doc("95 of 100 answers took no longer.") double p95Ms,
      @Doc("99 of 100 answers took no longer.") double p99Ms,
      @Doc("Bytes of requests' bodies.") long bytesReceived,
      @Doc("Bytes of answers' bodies.") long bytesSent) {}

  /** How a deployment does. */
  record ObservabilityView(
      @Doc("Deployment.") String deploymentId,
      @Doc("The only version that is counted; null for all.") @Nullable String versionId,
      @Doc("1h, 6h, 24h or 7d.") String period,
      @Doc("When the first bucket begins.") Instant periodStart,
      @Doc("When the last bucket ends.") Instant periodEnd,
      @Doc("Length of a bucket.") long bucketSeconds,
      @Doc("Requests.") long requests,
      @Doc("Answers with a status of 400 to 499.") long clientErrors,
      @Doc("Answers with a status of 500 and above.") long serverErrors,
      @Doc("Share of server errors, 0 to 1.") double errorRate,
      @Doc("Half of all answers took no longer, in milliseconds.") double p50Ms,
      @Doc("95 of 100 answers took no longer.") double p95Ms,
      @Doc("99 of 100 answers took no longer.") double p99Ms,
      @Doc("Bytes of requests' bodies.") long bytesReceived,
      @Doc("Bytes of answers' bodies.") long bytesSent,
      @Doc("Requests that are counted here and have no record among the request logs.")
          long unlogged,
      @Doc("The same by time, oldest first.") List<TrafficBucket> buckets) {}

  /** Requests of one route. */
  record RouteTrafficView(
      @Doc("HTTP method; (other) for unusual ones.") String method,
      @Doc("Path, with :id for what looks like one; (other) for those beyond the first hundred.")
          String route,
      @Doc("Requests.") long requests,
      @Doc("Answers with a status of 400 to 499.") long clientErrors,
      @Doc("Answers with a status of 500 and above.") long serverErrors,
      @Doc("Share of server errors, 0 to 1.") double errorRate,
      @Doc("Half of all answers took no longer, in milliseconds.") double p50Ms,
      @Doc("95 of 100 answers took no longer.") double p95Ms,
      @Doc("99 of 100 answers took no longer.") double p99Ms,
      @Doc("Bytes of requests' bodies.") long bytesReceived,
      @Doc("Bytes of answers' bodies.") long bytesSent) {}
}
