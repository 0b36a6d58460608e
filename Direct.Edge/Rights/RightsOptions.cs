using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Rights;

/// <summary>Configures who may join rooms and broadcast there.</summary>
public sealed class RightsOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Rights";

    /// <summary>
    /// Gets or sets where rights are looked up. Default <see cref="RightsMode.Open"/>: nothing is looked up, and everyone may join every room and
    /// broadcast there.
    /// </summary>
    [EnumDataType(typeof(RightsMode))]
    public RightsMode Mode { get; set; }

    /// <summary>
    /// Gets or sets the statement of the mode <c>sql</c>. It uses <c>@user</c>, <c>@group</c> and <c>@channel</c> and returns one integer: 1 to read,
    /// 2 to write, 3 for both; further bits belong to the backend. No row and NULL are 0.
    /// </summary>
    public string? Query { get; set; }

    /// <summary>Gets or sets the database of the mode <c>sql</c>. Default: that of the sessions.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Gets or sets the address of the mode <c>http</c>, beginning with <c>http://</c> or <c>https://</c>.</summary>
    public string? Url { get; set; }

    /// <summary>Gets or sets what is sent in the header <c>X-Direct-Secret</c> of each call, so that the backend knows the caller. Default: none.</summary>
    public string? Secret { get; set; }

    /// <summary>Gets or sets how long one query or call may take. Default 5 s. After that the source counts as unreachable.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long an answer is used. Default 10 s; 0: not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the number of answers in the cache; the oldest are removed first. Default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxCachedAnswers { get; set; } = 100_000;

    /// <summary>Gets or sets the number of queries or calls under way, each for many rights; further ones wait. Default 8.</summary>
    [Range(1, 1000)]
    public int MaxQueries { get; set; } = 8;

    /// <summary>
    /// Gets or sets how often the rights of all members of rooms are looked up again. Default 1 min; 0: never. Those without the right are removed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets what happens to a connection of the original dialect whose join is refused, or that loses the right to be in its room. Default
    /// <see cref="RefusedJoin.Close"/>.
    /// </summary>
    [EnumDataType(typeof(RefusedJoin))]
    public RefusedJoin OnRefusedJoin { get; set; }
}
