using Direct.Edge.Identity;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Sessions;

/// <summary>Adds sessions in MySQL to a node.</summary>
public static class DirectSessions
{
    private const string Name = "mysql";

    /// <summary>Adds the session store <c>mysql</c>. It opens no connection with <c>env=test</c> and with <c>sessions=none</c>.</summary>
    public static WebApplicationBuilder AddMySqlSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddDirectOptions<MySqlSessionOptions>(MySqlSessionOptions.SectionName)
            .AddSingleton<IValidateOptions<MySqlSessionOptions>, MySqlSessionOptionsValidator>();
        builder.Services.TryAddSingleton<ISessionDatabase, SessionDatabase>();
        builder.Services.AddSingleton<SessionMetrics>();
        builder.Services.AddSingleton<SessionCache>();
        builder.Services.AddSingleton<SessionCircuit>();
        builder.Services.AddSessionStore(Name, static provider => ActivatorUtilities.CreateInstance<MySqlSessionStore>(provider));
        return builder;
    }
}
