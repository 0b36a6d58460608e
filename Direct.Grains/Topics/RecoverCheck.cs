using Direct.Grains.Gateways;
using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>Checks what gateways answer to a recovery, because it becomes the log of a lane. An answer that is not valid counts as none.</summary>
internal static class RecoverCheck
{
    // A table loses its epochs by age. More come together only if the activation of a lane changes several times a second.
    private const int MaxMarks = 1000;

    /// <summary>Returns whether an answer that promises the ballot of the request is valid.</summary>
    public static bool IsValid(RecoverRequest request, RecoverAnswer answer)
    {
        if (answer.Lane != request.Lane || answer.Promised != request.Ballot || !answer.IsPromised
            || answer.Topics is not { Length: <= RecoverRequest.MaxTopics } topics || (answer.HasMore && topics.Length == 0))
        {
            return false;
        }

        // Only the first topic of a page may have begun in the one before, and only the last one may be continued in the next.
        var last = request.After;
        for (var i = 0; i < topics.Length; i++)
        {
            var report = topics[i];
            var isRest = i == 0 && request.HeadersAfter > 0 && report?.Topic == request.After;
            if (report is null
                || (!isRest && last is { } before && before.Order.CompareTo(report.Topic.Order) >= 0)
                || !IsValid(request, report, isRest ? request.HeadersAfter : 0)
                || (report.MoreHeadersAfter != 0 && (i < topics.Length - 1 || !answer.HasMore)))
            {
                return false;
            }

            last = report.Topic;
        }

        return true;
    }

    /// <summary>Returns whether an answer refuses the ballot of the request, because the gateway has promised a higher one.</summary>
    public static bool IsRefusal(RecoverRequest request, RecoverAnswer answer) =>
        !answer.IsPromised && answer.Promised > request.Ballot && answer.Promised.Number <= Ballot.MaxNumber;

    /// <summary>Returns whether a page is the end of what was requested with <see cref="FetchRequest.IsNewestFirst"/>.</summary>
    public static bool IsValid(FetchRequest request, TailPage page)
    {
        if (page is not { Status: TailStatus.Page, Messages: { } messages } || messages.Length > request.Through - request.After)
        {
            return false;
        }

        var bytes = 0L;
        for (var i = 0; i < messages.Length; i++)
        {
            if (messages[i].Payload is not { } payload || messages[i].Offset != request.Through - messages.Length + 1 + i)
            {
                return false;
            }

            bytes += payload.Length;
        }

        return messages.Length <= 1 || bytes <= FetchRequest.PageBytes;
    }

    private static bool IsValid(RecoverRequest request, KeptTopicReport report, long headersAfter) =>
        Lane.Of(report.Topic) == request.Lane
        && report.Topic.Scope is not (TopicScope.Lobby or TopicScope.Canary)
        && report.InstalledUnder <= request.Ballot
        && report.Head is >= 0 and <= LogPosition.MaxOffset
        && report.First >= 1 && report.First <= report.Head + 1
        && AreValid(report.Marks)
        && (report.MoreHeadersAfter == 0 || (report.MoreHeadersAfter > headersAfter && report.MoreHeadersAfter < report.Head))
        && AreValid(report.Headers, headersAfter, report.MoreHeadersAfter == 0 ? report.Head : report.MoreHeadersAfter);

    // Ascending ends, and only the last epoch is open.
    private static bool AreValid(EpochMark[]? marks)
    {
        if (marks is not { Length: >= 1 and <= MaxMarks } || marks[^1].End != EpochMark.Open)
        {
            return false;
        }

        var epochs = new HashSet<long>();
        var end = 0L;
        foreach (var mark in marks)
        {
            if (mark.Epoch <= 0 || !epochs.Add(mark.Epoch) || mark.End < end || mark.ClosedFor < TimeSpan.Zero
                || (mark.End > LogPosition.MaxOffset && epochs.Count < marks.Length))
            {
                return false;
            }

            end = mark.End;
        }

        return true;
    }

    // Ascending; several headers may have one offset. The first page begins with those that say what was acknowledged.
    private static bool AreValid(KeptHeaders? headers, long after, long through)
    {
        if (headers is null || !headers.AreValid())
        {
            return false;
        }

        var last = after == 0 ? IdentityLedger.NoOffset : after + 1;
        foreach (var header in headers)
        {
            if (header.Offset < last || header.Offset > through || header.IdAge < 0
                || (header.Offset == IdentityLedger.NoOffset && (header.Origin.Publisher == Guid.Empty || header.Origin.IdHash != Guid.Empty)))
            {
                return false;
            }

            last = header.Offset;
        }

        return true;
    }
}
