namespace Direct.Clients.Tests.JavaScript;

/// <summary>Specifies how a tab ends.</summary>
public enum TabEnding
{
    Close,
    Reload,
    Crash,
}
