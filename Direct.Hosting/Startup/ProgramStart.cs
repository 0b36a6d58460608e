using System.Text.Json;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Startup;

/// <summary>
/// Builds a program's host, and reports in one sentence why it cannot be built. It watches no settings files, because they are read once.
/// </summary>
public static class ProgramStart
{
    // Without it .NET's host watches appsettings.json, and with it every folder below the working folder. It comes last, so it has precedence.
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Builds the host, or writes to standard error why it cannot.</summary>
    /// <param name="name">The name of the program in that sentence.</param>
    /// <param name="args">The command line.</param>
    /// <param name="build">Builds the host from the arguments for its builder.</param>
    /// <returns>Null if it could not be built; the program then exits 1.</returns>
    public static async Task<THost?> BuildAsync<THost>(string name, string[] args, Func<string[], THost> build)
        where THost : class
    {
        try
        {
            return build([.. args, NoReload]);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or InvalidOperationException or ArgumentException)
        {
            await RefuseAsync(name, WithoutValues(Sentence(exception), args));
            return null;
        }
    }

    /// <summary>Writes to standard error why the program cannot start: the first reason after its name, each other reason on its own line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RefuseAsync(string name, params IReadOnlyList<string> reasons)
    {
        ArgumentNullException.ThrowIfNull(reasons);
        await Console.Error.WriteLineAsync($"{name} cannot start: {reasons[0]}");
        foreach (var reason in reasons.Skip(1))
        {
            await Console.Error.WriteLineAsync($"  {reason}");
        }

        return 1;
    }

    /// <summary>Refuses to start if settings or arguments have errors, and reports all of them at once.</summary>
    /// <returns>The exit code; null if there is no error.</returns>
    public static async Task<int?> RefuseInvalidSettingsAsync(string name, IServiceProvider services) =>
        services.GetRequiredService<SettingsCheck>().Errors is { Count: > 0 } errors
            ? await RefuseAsync(name, [$"{errors.Count} of its settings must be fixed.", .. errors])
            : null;

    // .NET repeats an argument that it cannot read.
    private static string WithoutValues(string sentence, string[] args) => args
        .Where(static argument => argument.Contains('=', StringComparison.Ordinal))
        .Aggregate(sentence, static (text, argument) => text.Replace(argument, ArgumentText.WithoutValue(argument), StringComparison.Ordinal));

    // Each exception names a part: the file, then the error in it.
    private static string Sentence(Exception exception)
    {
        var reason = exception switch
        {
            JsonException { LineNumber: { } line } => $"In line {line + 1}: {WithoutPosition(exception.Message)}",
            DirectoryNotFoundException => $"There is no such folder: {exception.Message}",
            _ => exception.Message,
        };
        return exception.InnerException is null ? reason : $"{reason} {Sentence(exception.InnerException)}";
    }

    private static string WithoutPosition(string message) => message.Split(" LineNumber: ")[0];
}
