using System.ComponentModel.DataAnnotations;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Gateway.Sessions;

/// <summary>Configures the database of the sessions, and the load on it. The options of every store are in <see cref="SessionOptions"/>.</summary>
public sealed class MySqlSessionOptions
{
    /// <summary>Specifies the section of these options in the configuration, which is also that of every store.</summary>
    public const string SectionName = SessionOptions.SectionName;

    /// <summary>
    /// Gets or sets the database with the tables <c>session</c> and <c>user</c>: MySQL 5.7, MariaDB, or later. The default is that of the original:
    /// <c>Server=127.0.0.1;Port=3306;User ID=master;Password=master;Database=db</c>. Direct sets timeouts and the size of the pool.
    /// </summary>
    public string ConnectionString { get; set; } = "Server=127.0.0.1;Port=3306;User ID=master;Password=master;Database=db";

    /// <summary>Gets or sets the unit of <c>session.expire</c> if it is a number: seconds since 1970, the default, or milliseconds.</summary>
    public ExpireUnit ExpireUnit { get; set; }

    /// <summary>Gets or sets the number of look-ups in flight, each of many tokens; further ones wait. Default 16.</summary>
    [Range(1, 1000)]
    public int MaxQueries { get; set; } = 16;

    /// <summary>Gets or sets how long a token that was found is cached. Default 2 s; 0: not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Specifies the unit of a UNIX time.</summary>
public enum ExpireUnit
{
    /// <summary>Seconds since 1970.</summary>
    Seconds,

    /// <summary>Milliseconds since 1970.</summary>
    Milliseconds,
}
