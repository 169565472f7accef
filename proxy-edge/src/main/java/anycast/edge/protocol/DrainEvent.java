package anycast.edge.protocol;

/// User event that asks a connection to end in order; sent down its pipeline.
public enum DrainEvent {
  DRAIN
}
