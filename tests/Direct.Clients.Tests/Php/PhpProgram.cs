using System.Diagnostics;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Php;

/// <summary>Finds PHP with the extension that <c>clients/php</c> needs.</summary>
internal static class PhpProgram
{
    /// <summary>Returns the path of PHP, or skips the test if PHP or its extension is missing.</summary>
    public static string Require()
    {
        var program = InstalledProgram.Find("php");
        Assert.SkipUnless(program is not null && Has(program, "curl"), "PHP with ext-curl is missing; install it: apt-get install php-cli php-curl");
        return program;
    }

    /// <summary>Returns whether an extension is loaded.</summary>
    public static bool Has(string extension) => Has(Require(), extension);

    private static bool Has(string program, string extension)
    {
        using var process = Process.Start(program, ["-r", $"exit((int) !extension_loaded('{extension}'));"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
