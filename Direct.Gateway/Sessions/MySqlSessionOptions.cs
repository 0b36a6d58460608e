using System.ComponentModel.DataAnnotations;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Where the sessions are, and how hard their database may be asked. What holds for any store is in <see cref="SessionOptions"/>.
/// </summary>
public sealed class MySqlSessionOptions
{
    /// <summary>Where these options stand in the configuration: beside those of every store.</summary>
    public const string SectionName = SessionOptions.SectionName;

    /// <summary>
    /// The database with the tables <c>session</c> and <c>user</c>, MySQL 5.7 or MariaDB and later. Default that of the original:
    /// <c>Server=127.0.0.1;Port=3306;User ID=master;Password=master;Database=db</c>. Times and the size of the pool are set by Direct.
    /// </summary>
    public string ConnectionString { get; set; } = "Server=127.0.0.1;Port=3306;User ID=master;Password=master;Database=db";

    /// <summary>What <c>session.expire</c> counts where it is a number: seconds since 1970, the default, or milliseconds.</summary>
    public ExpireUnit ExpireUnit { get; set; }

    /// <summary>How many look-ups may be under way at once, each of many tokens; the rest wait. Default 16.</summary>
    [Range(1, 1000)]
    public int MaxQueries { get; set; } = 16;

    /// <summary>How long a token that was found is believed without another look. Default 2 s; 0: not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>The unit of a UNIX time.</summary>
public enum ExpireUnit
{
    /// <summary>Seconds since 1970.</summary>
    Seconds,

    /// <summary>Milliseconds since 1970.</summary>
    Milliseconds,
}
