using Direct.Stress.Options;

namespace Direct.Stress.Tests.Options;

/// <summary>Command lines as the program reads them.</summary>
internal static class CommandLine
{
    /// <summary>Options that must be right.</summary>
    public static StressOptions Read(params string[] arguments)
    {
        var options = Read(arguments, out var errors);
        Assert.Empty(errors);
        return options!;
    }

    /// <summary>Returns what is said about options that are wrong.</summary>
    public static IReadOnlyList<string> Errors(params string[] arguments)
    {
        Assert.Null(Read(arguments, out var errors));
        return errors;
    }

    private static StressOptions? Read(string[] arguments, out IReadOnlyList<string> errors)
    {
        var command = new StressCommand();
        return command.Read(command.Root.Parse(arguments), out errors);
    }
}
