package anycast.ctl;

import java.util.ArrayList;
import java.util.List;

/// Two texts line by line: `-` what only the first has, `+` what only the second has, and some
/// lines around each.
final class TextDiff {
  /// Lines shown around a difference.
  private static final int AROUND = 3;

  /// Beyond this product of lengths the middle is told as a whole: a table of it would not fit.
  private static final long MAX_CELLS = 4_000_000;

  private TextDiff() {}

  private record Line(char mark, String text) {}

  /// @return nothing where both are equal
  static List<String> of(String before, String after) {
    List<Line> lines = lines(before.lines().toList(), after.lines().toList());
    List<String> shown = new ArrayList<>();
    int last = -1;
    for (int i = 0; i < lines.size(); i++) {
      if (!isNear(lines, i)) {
        continue;
      }
      if (last >= 0 && last < i - 1) {
        shown.add("  …");
      }
      shown.add(lines.get(i).mark() + " " + Printable.of(lines.get(i).text()));
      last = i;
    }
    return shown;
  }

  private static boolean isNear(List<Line> lines, int i) {
    int from = Math.max(0, i - AROUND);
    int to = Math.min(lines.size(), i + AROUND + 1);
    return lines.subList(from, to).stream().anyMatch(line -> line.mark() != ' ');
  }

  private static List<Line> lines(List<String> a, List<String> b) {
    int head = 0;
    while (head < a.size() && head < b.size() && a.get(head).equals(b.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < a.size() - head
        && tail < b.size() - head
        && a.get(a.size() - 1 - tail).equals(b.get(b.size() - 1 - tail))) {
      tail++;
    }
    List<Line> lines = new ArrayList<>();
    a.subList(0, head).forEach(text -> lines.add(new Line(' ', text)));
    middle(a.subList(head, a.size() - tail), b.subList(head, b.size() - tail), lines);
    a.subList(a.size() - tail, a.size()).forEach(text -> lines.add(new Line(' ', text)));
    return lines;
  }

  /// By the longest common subsequence.
  private static void middle(List<String> a, List<String> b, List<Line> lines) {
    if ((long) (a.size() + 1) * (b.size() + 1) > MAX_CELLS) {
      a.forEach(text -> lines.add(new Line('-', text)));
      b.forEach(text -> lines.add(new Line('+', text)));
      return;
    }
    int[][] common = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        lines.add(new Line(' ', a.get(i)));
        i++;
        j++;
      } else if (j == b.size() || i < a.size() && common[i + 1][j] >= common[i][j + 1]) {
        lines.add(new Line('-', a.get(i++)));
      } else {
        lines.add(new Line('+', b.get(j++)));
      }
    }
  }
}
