package anycast.routing.feed.sqlite;

import java.util.Collection;
import java.util.UUID;

/// Something that readers follow: a query's result, or the keys of a table.
///
/// **Threading.** One thread at a time.
sealed interface Followed extends AutoCloseable permits FollowedQuery, TableNotices {
  /// How clients name it.
  UUID id();

  /// How many follow it now.
  int readers();

  /// Looks at touched rows again and tells all readers what differs, in one batch.
  void onTouched(Collection<Long> rowids);

  /// Takes a reader on.
  ///
  /// @return what it is to be told before what it is offered
  FollowedQuery.Opening follow(FollowedQuery.Wish wish, FollowedQuery.Reader reader);

  /// Forgets a reader.
  void leave(FollowedQuery.Reader reader);

  /// Forgets what is due to be forgotten of the past.
  void purge();

  /// Ends all readers' streams, after what they were offered.
  @Override
  void close();
}
