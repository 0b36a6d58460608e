using System.Diagnostics.Metrics;
using Direct.Edge.Identity;
using Direct.Lookups;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Sessions;

/// <summary>Adds sessions in MySQL to a node.</summary>
public static class DirectSessions
{
    /// <summary>Specifies what this store looks up, as it is named at <c>/readyz</c> and in the names of instruments.</summary>
    internal const string Area = "sessions";

    private const string Name = "mysql";

    /// <summary>Adds the session store <c>mysql</c>. It opens no connection with <c>env=test</c> and with <c>sessions=none</c>.</summary>
    public static WebApplicationBuilder AddMySqlSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddDirectOptions<MySqlSessionOptions>(MySqlSessionOptions.SectionName)
            .AddSingleton<IValidateOptions<MySqlSessionOptions>, MySqlSessionOptionsValidator>();
        builder.Services.TryAddSingleton<ISessionDatabase, SessionDatabase>();
        builder.Services.AddKeyedSingleton(Area, static (provider, _) => new LookupMetrics(provider.GetRequiredService<IMeterFactory>(), Area));
        builder.Services.AddSingleton<SessionCircuit>();
        builder.Services.AddSessionStore(Name, static provider => ActivatorUtilities.CreateInstance<MySqlSessionStore>(provider));
        return builder;
    }
}
