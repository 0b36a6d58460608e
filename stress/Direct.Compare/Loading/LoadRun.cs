namespace Direct.Compare.Loading;

/// <summary>One run of the load tool.</summary>
/// <param name="Report">What it says.</param>
/// <param name="Json">The same in its own words.</param>
/// <param name="OtherCores">How many cores' worth of time went to neither the server nor the load tool meanwhile.</param>
internal sealed record LoadRun(LoadReport Report, string Json, double OtherCores);
